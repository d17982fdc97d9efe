(** * Lower bounds for the Lie rank modulo m

    [rel m r z]: the real number r is a fraction with denominator coprime to m, and its residue is z. It is preserved by +, ×, −, constants
    and inverses of units (reduction is a ring map; m >= 2 need not be prime), so a computation with residues follows the same one with real numbers,
    and elimination with pivots that are units shows that the real rows are independent.
    [check_words_sound]: if the words listed, computed modulo m, have a minor that elimination shows to be a unit, then Lie(V) at
    the point has at least as many independent values as there are words, for activations that are the polynomials exhibited. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Ring.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Words Gradient Dimension.
Import ListNotations.
Local Open Scope R_scope.

(** ** Residues *)
Definition unit_mod (m d : Z) : Prop := exists k e : Z, (d * k = 1 + e * m)%Z.
Definition rel (m : Z) (r : R) (z : Z) : Prop :=
  exists n d q : Z, unit_mod m d /\ r * IZR d = IZR n /\ (n = d * z + m * q)%Z.
Lemma unit_mul m a b : unit_mod m a -> unit_mod m b -> unit_mod m (a * b).
Proof. intros (k & e & H) (l & f & K). exists (k * l)%Z, (e + f + e * f * m)%Z. transitivity ((a * k) * (b * l))%Z; [ring|]. rewrite H, K. ring. Qed.
Lemma unit_1 m : unit_mod m 1.
Proof. exists 1%Z, 0%Z. ring. Qed.
Lemma unit_neq0 m d : (1 < m)%Z -> unit_mod m d -> d <> 0%Z.
Proof. intros Hm (k & e & H) ->. assert ((1 + e * m) mod m = 0)%Z by (rewrite <- H; apply Z.mod_0_l; lia). rewrite Z.mod_add, Z.mod_1_l in H0; lia. Qed.

Section Residues.
Variable m : Z.
Hypothesis Hm : (1 < m)%Z.
Lemma rel_int n : rel m (IZR n) n.
Proof. exists n, 1%Z, 0%Z. split; [apply unit_1|]. split; [ring|ring]. Qed.
Lemma rel_cong r z z' q : rel m r z -> (z = z' + m * q)%Z -> rel m r z'.
Proof. intros (n & d & p & U & E & K) ->. exists n, d, (d * q + p)%Z. split; [easy|]. split; [easy|]. rewrite K. ring. Qed.
Lemma rel_mod r z : rel m r z -> rel m r (z mod m).
Proof. intros H. apply (rel_cong r z _ (z / m)); [easy|]. rewrite (Z_div_mod_eq_full z m) at 1. ring. Qed.
Lemma rel_plus r r' z z' : rel m r z -> rel m r' z' -> rel m (r + r') (z + z').
Proof.
  intros (n & d & p & U & E & K) (n' & d' & p' & U' & E' & K'). exists (n * d' + n' * d)%Z, (d * d')%Z, (p * d' + p' * d)%Z.
  split; [now apply unit_mul|]. split.
  - rewrite plus_IZR, !mult_IZR, <- E, <- E'. ring.
  - rewrite K, K'. ring.
Qed.
Lemma rel_times r r' z z' : rel m r z -> rel m r' z' -> rel m (r * r') (z * z').
Proof.
  intros (n & d & p & U & E & K) (n' & d' & p' & U' & E' & K'). exists (n * n')%Z, (d * d')%Z, (d * z * p' + p * d' * z' + m * p * p')%Z.
  split; [now apply unit_mul|]. split.
  - rewrite !mult_IZR, <- E, <- E'. ring.
  - rewrite K, K'. ring.
Qed.
Lemma rel_opp r z : rel m r z -> rel m (- r) (- z).
Proof.
  intros (n & d & p & U & E & K). exists (- n)%Z, d, (- p)%Z. split; [easy|]. split; [rewrite opp_IZR, <- E; ring|]. rewrite K. ring.
Qed.
Lemma rel_nonzero r z : rel m r z -> unit_mod m z -> r <> 0.
Proof.
  intros (n & d & p & U & E & K) Uz ->. assert (n = 0)%Z by (apply eq_IZR; rewrite <- E; ring). subst n.
  destruct (unit_mul m d z U Uz) as (k & e & F).
  assert (X : ((1 + e * m) mod m = 0)%Z).
  { rewrite <- F. replace (d * z * k)%Z with ((- p * k) * m)%Z by (assert (E2 : (d * z = - (m * p))%Z) by lia; rewrite E2; ring). apply Z.mod_mul. lia. }
  rewrite Z.mod_add, Z.mod_1_l in X; lia.
Qed.
Lemma rel_inverse r z u : rel m r z -> ((z * u) mod m = 1)%Z -> rel m (/ r) u.
Proof.
  intros H Hu. assert (F : exists f, (z * u = 1 + f * m)%Z).
  { exists (z * u / m)%Z. rewrite (Z_div_mod_eq_full (z * u) m) at 1. rewrite Hu. ring. }
  destruct F as (f & F). assert (Nz : r <> 0) by (apply (rel_nonzero r z H); exists u, f; exact F).
  destruct H as (n & d & p & (k & e & U) & E & K). exists d, n, (- (d * f + p * u))%Z. split; [|split].
  - exists (k * u)%Z, (e + f + e * f * m + p * k * u)%Z. rewrite K. transitivity ((d * k) * (z * u) + m * p * k * u)%Z; [ring|].
    rewrite U, F. ring.
  - rewrite <- E. field. exact Nz.
  - rewrite K. transitivity (d * (z * u) - d * f * m)%Z; [rewrite F; ring|ring].
Qed.

(** ** Reduction of rationals: the inverse is found by Euclid's algorithm and checked *)
Fixpoint euclid (fuel : nat) (r0 r1 t0 t1 : Z) : Z :=
  match fuel with
  | O => t0
  | S f => if (r1 =? 0)%Z then t0 else let q := Z.div r0 r1 in euclid f r1 (r0 - q * r1)%Z t1 (t0 - q * t1)%Z
  end.
Definition fuel_of : nat := Z.to_nat (2 * Z.log2 m + 4).
Definition inverse (fuel : nat) (z : Z) : Z := Z.modulo (euclid fuel m z 0 1) m.
Definition qmod (q : Q) : Z :=
  match Qden q with xH => Z.modulo (Qnum q) m | d => Z.modulo (Qnum q * inverse fuel_of (Z.modulo (Zpos d) m)) m end.
Definition qgood (q : Q) : bool :=
  match Qden q with xH => true | d => Z.eqb (Z.modulo (Z.modulo (Zpos d) m * inverse fuel_of (Z.modulo (Zpos d) m)) m) 1 end.
Lemma qmod_ok q : qgood q = true -> rel m (Q2R q) (qmod q).
Proof.
  destruct q as [n d]. intros H.
  assert (G : forall u, ((Zpos d mod m * u) mod m = 1)%Z -> rel m (Q2R (Qmake n d)) (Z.modulo (n * u) m)).
  { intros u Hu. apply rel_mod. unfold Q2R; cbn [Qnum Qden]. apply rel_times; [apply rel_int|].
    apply (rel_inverse _ (Zpos d mod m)); [|exact Hu]. apply rel_mod, rel_int. }
  unfold qgood, qmod in *. cbn [Qnum Qden] in *. destruct d; try (apply G; now apply Z.eqb_eq).
  unfold Q2R; cbn [Qnum Qden]. rewrite Rinv_1, Rmult_1_r. apply rel_mod, rel_int.
Qed.

Definition opsZ : ops Z Z := {|
  oz := 0%Z;
  oadd := fun a b => let c := (a + b)%Z in if (c <? m)%Z then c else (c - m)%Z;
  omul := fun a b => Z.modulo (a * b) m;
  oneg := fun a => if (a =? 0)%Z then 0%Z else (m - a)%Z;
  ocst := fun c => c |}.
Lemma opsZ_rel : orel (rel m) (rel m) opsR opsZ.
Proof.
  split; cbn; auto.
  - apply (rel_int 0).
  - intros a a' b b' H H'. assert (K := rel_plus _ _ _ _ H H'). destruct (b + b' <? m)%Z; [exact K|].
    apply (rel_cong _ _ _ 1 K). ring.
  - intros. now apply rel_mod, rel_times.
  - intros a b H. apply rel_opp in H. destruct (Z.eqb_spec b 0) as [->|]; [exact H|]. apply (rel_cong _ _ _ (-1) H). ring.
Qed.

(** ** Elimination *)
Definition is_inverse (z u : Z) : bool := Z.eqb (Z.modulo (z * u) m) 1.
Fixpoint find_unit (fuel k : nat) (row : list Z) : option (nat * Z * Z) :=
  match row with
  | [] => None
  | z :: row' =>
    if (z =? 0)%Z then find_unit fuel (S k) row'
    else let u := inverse fuel z in if is_inverse z u then Some (k, z, u) else find_unit fuel (S k) row'
  end.
Fixpoint axpy (q : Z) (w r : list Z) : list Z :=
  match w, r with a :: w', b :: r' => Z.modulo (a - q * b) m :: axpy q w' r' | _, _ => [] end.
(** the columns and values of the pivots, row by row *)
Fixpoint elim (fuel n : nat) (rows : list (list Z)) : option (list (nat * Z)) :=
  match rows with
  | [] => Some []
  | r :: rows' =>
    match n, find_unit fuel 0 r with
    | S n', Some (c, z, u) =>
      match elim fuel n' (map (fun w => let q := Z.modulo (nth c w 0%Z * u) m in if (q =? 0)%Z then w else axpy q w r) rows') with
      | Some l => Some ((c, z) :: l)
      | None => None
      end
    | _, _ => None
    end
  end.
(** the determinant that the pivots give (its value is compared with the one stated; nothing rests on it) *)
Definition odd_order (l : list nat) : bool :=
  fst (fold_right (fun c a => (xorb (fst a) (Nat.odd (length (filter (fun d => Nat.ltb d c) (snd a)))), c :: snd a)) (false, []) l).
Definition det_of (l : list (nat * Z)) : Z :=
  let d := fold_right (fun cz a => Z.modulo (snd cz * a) m) 1%Z l in
  if odd_order (map fst l) then Z.modulo (- d) m else Z.modulo d m.

Definition relrow (cs : list positive) (w : vec) (zs : list Z) : Prop := Forall2 (fun c z => rel m (w c) z) cs zs.
Lemma find_unit_ok fuel row : forall k c z u, find_unit fuel k row = Some (c, z, u) ->
  (k <= c)%nat /\ nth_error row (c - k) = Some z /\ ((z * u) mod m = 1)%Z.
Proof.
  induction row as [|a row IH]; cbn [find_unit]; intros k c z u H; [easy|].
  assert (X : find_unit fuel (S k) row = Some (c, z, u) -> (k <= c)%nat /\ nth_error (a :: row) (c - k) = Some z /\ ((z * u) mod m = 1)%Z).
  { intros K. destruct (IH _ _ _ _ K) as (L & E & U). split; [lia|]. split; [|exact U]. replace (c - k)%nat with (S (c - S k)) by lia. exact E. }
  destruct (a =? 0)%Z; [now apply X|]. destruct (is_inverse a (inverse fuel a)) eqn:E; [|now apply X].
  injection H as <- <- <-. split; [lia|]. rewrite Nat.sub_diag. split; [easy|]. now apply Z.eqb_eq.
Qed.
Lemma relrow_nth cs w zs k z : relrow cs w zs -> nth_error zs k = Some z -> exists c, nth_error cs k = Some c /\ rel m (w c) z.
Proof.
  intros H. revert k; induction H as [|c y cs zs Hc _ IH]; intros [|k] E; try easy.
  - injection E as ->. now exists c.
  - now apply IH.
Qed.
Lemma relrow_nth' cs w zs k c : relrow cs w zs -> nth_error cs k = Some c -> rel m (w c) (nth k zs 0%Z).
Proof.
  intros H. revert k; induction H as [|c' y cs zs Hc _ IH]; intros [|k] E; try easy.
  - injection E as ->. exact Hc.
  - now apply IH.
Qed.
Lemma relrow_axpy cs w r zs ys q t : relrow cs w zs -> relrow cs r ys -> rel m t q -> relrow cs (fun k => w k - t * r k) (axpy q zs ys).
Proof.
  intros H. revert ys; induction H as [|c z cs zs Hc H IH]; intros ys K Ht; inversion K; subst; cbn; constructor; [|apply IH; auto].
  apply rel_mod. unfold Rminus, Z.sub. apply rel_plus; auto. apply rel_opp. now apply rel_times.
Qed.
Lemma lindep_elim J (w : vec) c ws : In c J -> w c <> 0 ->
  Rlindep J (map (fun (v : vec) (k : positive) => v k - v c * / w c * w k) ws) -> Rlindep J (w :: ws).
Proof.
  intros Hc Hw H [|g gs] L C; [easy|]. cbn [length] in L.
  assert (E : forall k, Rlcomb gs (map (fun (v : vec) (k : positive) => v k - v c * / w c * w k) ws) k = Rlcomb gs ws k - Rlcomb gs ws c * / w c * w k).
  { intros k. unfold Rlcomb. clear. revert gs; induction ws as [|v ws IH]; intros [|g gs]; cbn; try ring. rewrite IH. ring. }
  assert (G : forall k, In k J -> g * w k + Rlcomb gs ws k = 0) by exact C.
  assert (Ec := G c Hc). assert (Z : List.Forall (fun g => g = 0) gs).
  { apply H; [rewrite map_length; injection L as L; exact L|]. intros k Hk. unfold Rlcomb in *. rewrite E. specialize (G k Hk).
    assert (X : lcomb R 0 Rplus Rmult gs ws c = - g * w c) by lra. rewrite X.
    assert (Y : lcomb R 0 Rplus Rmult gs ws k = - g * w k) by lra. rewrite Y. field. exact Hw. }
  constructor; [|exact Z]. unfold Rlcomb in Ec. rewrite (lcomb_zero R 0 1 Rplus Rmult Rminus Ropp R_ring) in Ec by exact Z.
  rewrite Rplus_0_r in Ec. apply Rmult_integral in Ec as [?|?]; easy.
Qed.

Theorem elim_sound fuel cs n : forall rows ws l, Forall2 (relrow cs) ws rows -> elim fuel n rows = Some l -> Rlindep cs ws.
Proof.
  induction n as [|n IH]; intros rows ws l F H.
  - destruct rows as [|r rows]; [|easy]. inversion F; subst. intros [|] L _; [constructor|easy].
  - destruct rows as [|r rows]; [inversion F; subst; intros [|] L _; [constructor|easy]|].
    inversion F as [|w ? ws' ? Hw Hr]; subst. cbn [elim] in H.
    destruct (find_unit fuel 0 r) as [[[c z] u]|] eqn:Ef; [|easy].
    apply find_unit_ok in Ef as (_ & En & Hu). rewrite Nat.sub_0_r in En.
    destruct (relrow_nth cs w r c z Hw En) as (k & Ek & Hz).
    assert (Nz : w k <> 0). { apply (rel_nonzero _ z Hz). exists u, (z * u / m)%Z. rewrite (Z_div_mod_eq_full (z * u) m) at 1. rewrite Hu. ring. }
    apply (lindep_elim cs w k); [now apply nth_error_In in Ek|exact Nz|].
    match type of H with match elim fuel n ?x with _ => _ end = _ => destruct (elim fuel n x) eqn:Ee; [|easy] end.
    eapply IH; [|exact Ee]. clear Ee IH F H.
    induction Hr as [|v zs ws' rows Hv Hr IHr]; cbn [map]; constructor; auto.
    assert (Hq : rel m (v k * / w k) (Z.modulo (nth c zs 0%Z * u) m)).
    { apply rel_mod, rel_times; [now apply (relrow_nth' cs)|now apply (rel_inverse _ z)]. }
    destruct (Z.eqb_spec (Z.modulo (nth c zs 0%Z * u) m) 0) as [E0|_]; [|now apply relrow_axpy].
    rewrite E0 in Hq. revert Hv Hw. clear -Hq Hm. unfold relrow. revert r zs.
      induction cs as [|j js IHj]; intros r zs Hv Hw; inversion Hv; inversion Hw; subst; constructor; eauto.
    match goal with Hy : rel m (v j) ?y, Hx : rel m (w j) ?x0 |- rel m _ ?y =>
      assert (K := rel_plus _ _ _ _ Hy (rel_opp _ _ (rel_times _ _ _ _ Hq Hx))) end.
    match goal with |- rel m ?a ?b => apply (rel_cong a _ b 0) in K; [exact K|ring] end.
Qed.
End Residues.

(** ** Fields over Q, and their images *)
Record qfield := { qf_cov : list (positive * Q); qf_x : qvec }.
Definition xmap {C} (f : Q -> C) (v : qvec) : PM.t C := fold_right (fun t mp => PM.add (fst t) (f (snd t)) mp) (PM.empty C) v.
Definition field_of {C} (f : Q -> C) (F : qfield) : gfield C := {| gf_cov := map (fun oc => (fst oc, f (snd oc))) (qf_cov F); gf_x := xmap f (qf_x F) |}.
Definition point_of {C A} (O : ops C A) (f : Q -> C) (M : positive) (th : qvec) : PM.t A :=
  let mp := xmap f th in vbuild M (fun i => getC O mp i).
Definition word_of {C} (f : Q -> C) (fields : list qfield) (w : list nat) : list (gfield C) :=
  map (fun k => field_of f (nth k fields {| qf_cov := []; qf_x := [] |})) w.

Lemma xmap_real v j : getC opsR (xmap Q2R v) j = qv v j.
Proof.
  unfold getC, qv, xmap. induction v as [|[i q] v IH]; cbn [fold_right assoc fst snd]; [now rewrite PM.gempty|].
  destruct (Pos.eqb_spec j i) as [->|N]; [now rewrite PM.gss|]. rewrite PM.gso by auto. exact IH.
Qed.
Lemma point_real M th : at_point M opsR (point_of opsR Q2R M th) (qv th).
Proof. intros k. unfold getA, point_of. rewrite vbuild_find, xmap_real. now destruct (Pos.leb k M). Qed.

(** ** The check *)
Definition node_good (p : Z) (mem : member) (n : node) : bool :=
  match n with
  | NCst q => qgood p q
  | NAct k _ => match assoc k mem with Some cs => forallb (qgood p) cs && forallb (qgood p) (dcoef cs) | None => false end
  | _ => true
  end.
Definition qvec_good (p : Z) (v : list (positive * Q)) : bool := forallb (fun t => qgood p (snd t)) v.
Definition qfield_good (m : model) (p : Z) (F : qfield) : bool :=
  match qf_cov F with [] => false | _ => true end
  && forallb (fun oc => existsb (Pos.eqb (fst oc)) (m_outs m)) (qf_cov F) && qvec_good p (qf_cov F) && qvec_good p (qf_x F).
(** what every lower bound needs: a modulus, a well-formed model with members, and denominators that are units *)
Definition check_setup (m : model) (mem : member) (p : Z) (th : qvec) (fields : list qfield) : bool :=
  Z.ltb 1 p && wf_model m && forallb (has_member mem) (m_prog m) && forallb (node_good p mem) (m_prog m)
  && qvec_good p th && forallb (qfield_good m p) fields.
Definition word_ok (fields : list qfield) (w : list nat) : bool :=
  match w with [] => false | _ => forallb (fun k => Nat.ltb k (length fields)) w end.

Definition word_row (m : model) (mem : member) (p : Z) (P : list (gnode Z)) (TH : PM.t Z) (fields : list qfield) (cols : list positive) (w : list nat) :
  list Z :=
  let v := wordvec (m_nparams m) P (word_of (qmod p) fields w) (opsZ p) TH in map (getA (opsZ p) v) cols.
(** the determinant modulo p of the words listed in the columns listed, when elimination finds a pivot in every row *)
Definition words_det (m : model) (mem : member) (p : Z) (th : qvec) (fields : list qfield) (words : list (list nat)) (cols : list positive) : option Z :=
  if check_setup m mem p th fields && forallb (word_ok fields) words && forallb (fun c => Pos.leb c (m_nparams m)) cols then
    let P := map (gconv (qmod p) mem) (m_prog m) in
    let TH := point_of (opsZ p) (qmod p) (m_nparams m) th in
    match elim p (fuel_of p) (length words) (map (word_row m mem p P TH fields cols) words) with
    | Some l => Some (det_of p l)
    | None => None
    end
  else None.
Definition check_words m mem p th fields words cols (det : Z) : bool :=
  match words_det m mem p th fields words cols with Some d => Z.eqb d det && Nat.eqb (length words) (length cols) | None => false end.

Lemma xmap_rel p v : qvec_good p v = true -> (1 < p)%Z -> mrel (rel p) (xmap Q2R v) (xmap (qmod p) v).
Proof.
  intros H Hp. induction v as [|[i q] v IH]; cbn [xmap fold_right].
  - intros k. now rewrite !PM.gempty.
  - cbn in H. apply andb_prop in H as [H1 H2]. intros k. cbn [fst snd]. destruct (Pos.eq_dec k i) as [->|N].
    + rewrite !PM.gss. now apply qmod_ok.
    + rewrite !PM.gso by auto. now apply IH.
Qed.
Lemma gconv_rel p mem prog : (1 < p)%Z -> forallb (has_member mem) prog = true -> forallb (node_good p mem) prog = true ->
  Forall2 (nrel (rel p)) (map (gconv Q2R mem) prog) (map (gconv (qmod p) mem) prog).
Proof.
  intros Hp Hm Hg. induction prog as [|n prog IH]; cbn [map forallb] in *; [constructor|].
  apply andb_prop in Hm as [M1 M2]. apply andb_prop in Hg as [G1 G2]. constructor; auto.
  assert (X : forall cs, forallb (qgood p) cs = true -> Forall2 (rel p) (map Q2R cs) (map (qmod p) cs)).
  { induction cs as [|c cs IHc]; cbn; [constructor|]. intros H. apply andb_prop in H as [H1 H2]. constructor; [now apply qmod_ok|auto]. }
  destruct n as [q|i|j|l|a b|k a]; cbn [gconv nrel node_good has_member] in *; auto.
  - now apply qmod_ok.
  - destruct (assoc k mem) as [cs|]; [|easy]. apply andb_prop in G1 as [H1 H2]. auto.
Qed.
Lemma field_rel m p F : (1 < p)%Z -> qfield_good m p F = true -> frel (rel p) (field_of Q2R F) (field_of (qmod p) F).
Proof.
  unfold qfield_good. intros Hp H. apply andb_prop in H as [[[_ _]%andb_prop H]%andb_prop K]. split; [|now apply xmap_rel].
  unfold field_of; cbn [gf_cov]. induction (qf_cov F) as [|[o c] l IH]; cbn; [constructor|]. cbn in H. apply andb_prop in H as [H1 H2].
  constructor; [split; [easy|now apply qmod_ok]|]. now apply IH.
Qed.
Lemma field_good_ok m p F : qfield_good m p F = true -> field_ok m (field_of Q2R F).
Proof.
  unfold qfield_good. intros H. apply andb_prop in H as [[[N I]%andb_prop _]%andb_prop _]. split.
  - cbn. destruct (qf_cov F); easy.
  - intros o c Ho. cbn in Ho. apply in_map_iff in Ho as ([o' c'] & [= <- _] & Ho). rewrite forallb_forall in I. specialize (I _ Ho). cbn in I.
    apply existsb_exists in I as (o2 & Ho2 & ->%Pos.eqb_eq). exact Ho2.
Qed.

Section Setup.
Variables (m : model) (mem : member) (p : Z) (th : qvec) (fields : list qfield).
Hypothesis H : check_setup m mem p th fields = true.
Lemma setup_facts : (1 < p)%Z /\ wf_model m = true /\ forallb (has_member mem) (m_prog m) = true /\ forallb (node_good p mem) (m_prog m) = true /\
  qvec_good p th = true /\ forall F, In F fields -> qfield_good m p F = true.
Proof.
  unfold check_setup in H. apply andb_prop in H as [[[[[A B]%andb_prop C]%andb_prop D]%andb_prop E]%andb_prop F].
  rewrite forallb_forall in F. apply Z.ltb_lt in A. auto 10.
Qed.
Lemma word_nth w k : word_ok fields w = true -> In k w -> In (nth k fields {| qf_cov := []; qf_x := [] |}) fields.
Proof.
  intros W Hk. apply nth_In. unfold word_ok in W. destruct w as [|a w]; [easy|]. rewrite forallb_forall in W. now apply Nat.ltb_lt, W.
Qed.
Lemma word_fields w : word_ok fields w = true -> word_of Q2R fields w <> [] /\ List.Forall (field_ok m) (word_of Q2R fields w) /\
  Forall2 (frel (rel p)) (word_of Q2R fields w) (word_of (qmod p) fields w).
Proof.
  intros W. destruct setup_facts as (Hp & _ & _ & _ & _ & HF). assert (N := fun k => word_nth w k W). split; [|split].
  - destruct w; [easy|]. discriminate.
  - unfold word_of. apply Forall_forall. intros F HFi. apply in_map_iff in HFi as (k & <- & Hk). apply (field_good_ok m p), HF, N, Hk.
  - clear W. unfold word_of. induction w as [|k w IH]; cbn; constructor.
    + apply (field_rel m); [exact Hp|]. apply HF, N. simpl; auto.
    + apply IH. intros; apply N; simpl; auto.
Qed.
(** the polynomial field of a word *)
Definition wfield (w : list nat) : positive -> pe := wpe (m_nparams m) (map (gconv Q2R mem) (m_prog m)) (word_of Q2R fields w).
Lemma wfield_lie s w : act_derivable s -> poly_acts s mem -> word_ok fields w = true -> lie m s (pfield (wfield w)).
Proof.
  intros Hd Hm W. destruct setup_facts as (_ & Wf & HM & _). destruct (word_fields w W) as (N & F & _). now apply (word_lie m s mem).
Qed.
Lemma word_row_rel w cols : word_ok fields w = true -> (forall c, In c cols -> (c <= m_nparams m)%positive) ->
  relrow p cols (pfield (wfield w) (qv th)) (word_row m mem p (map (gconv (qmod p) mem) (m_prog m)) (point_of (opsZ p) (qmod p) (m_nparams m) th) fields
    cols w).
Proof.
  intros W Hc. destruct setup_facts as (Hp & _ & HM & HG & Ht & _). destruct (word_fields w W) as (_ & _ & Hw).
  assert (OR := opsZ_rel p).
  assert (K := wordvec_rel (rel p) (m_nparams m) _ _ _ _ (gconv_rel p mem _ Hp HM HG) Hw R Z (rel p) opsR (opsZ p) OR
     (point_of opsR Q2R (m_nparams m) th) (point_of (opsZ p) (qmod p) (m_nparams m) th)).
  assert (Hth : wrel (rel p) opsR (opsZ p) (point_of opsR Q2R (m_nparams m) th) (point_of (opsZ p) (qmod p) (m_nparams m) th)).
  { apply (mrel_wrel (rel p) (rel p) _ _ OR). apply vbuild_rel. intros i. apply (getC_rel (rel p) (rel p) _ _ OR). now apply xmap_rel. }
  specialize (K Hth). assert (KW := mrel_wrel (rel p) (rel p) _ _ OR _ _ K).
  unfold relrow, word_row. cbv zeta. induction cols as [|c cols IH]; cbn [map]; constructor.
  - unfold pfield, rev, wfield. rewrite <- (word_ev (m_nparams m) _ _ R opsR _ _ opsR_ok (point_real (m_nparams m) th) c) by (apply Hc; simpl; auto).
    apply KW.
  - apply IH. intros; apply Hc; simpl; auto.
Qed.
End Setup.

Theorem words_det_sound m mem p th fields words cols d : words_det m mem p th fields words cols = Some d ->
  forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) (length words).
Proof.
  unfold words_det. intros H s Hd Hm.
  destruct (check_setup m mem p th fields && forallb (word_ok fields) words && forallb (fun c => Pos.leb c (m_nparams m)) cols) eqn:E; [|easy].
  apply andb_prop in E as [[S W]%andb_prop C]. cbv zeta in H. rewrite forallb_forall in W, C.
  destruct (elim p _ _ _) as [l|] eqn:El; [|easy]. clear H d.
  exists (map (fun w => pfield (wfield m mem fields w)) words). split; [now rewrite map_length|]. split.
  - intros V HV. apply in_map_iff in HV as (w & <- & Hw). apply (wfield_lie m mem p th fields S); auto.
  - rewrite map_map. apply (lindep_incl R 0 Rplus Rmult cols).
    + intros c Hc. apply plist_in. now apply Pos.leb_le, C.
    + apply (elim_sound p (proj1 (setup_facts m mem p th fields S))) with (2 := El). clear El.
      induction words as [|w words IH]; cbn [map]; constructor; [|apply IH; intros; apply W; simpl; auto].
      apply (word_row_rel m mem p th fields S); [apply W; simpl; auto|]. intros c Hc. now apply Pos.leb_le, C.
Qed.
Theorem check_words_sound m mem p th fields words cols det : check_words m mem p th fields words cols det = true ->
  forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) (length words).
Proof. unfold check_words. destruct (words_det m mem p th fields words cols) as [d|] eqn:E; [|easy]. intros _.
  now apply (words_det_sound m mem p th fields words cols d). Qed.
