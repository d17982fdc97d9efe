(** * Lower bounds for the Lie rank modulo m

    [rel m r z]: the real number r is a fraction with denominator coprime to m, and its residue is z. It is preserved by +, ×, −, constants
    and inverses of units (reduction is a ring map; m >= 2 need not be prime), so a computation with residues follows the same one with real numbers,
    and elimination with pivots that are units shows that the real rows are independent. [residues m]: all such relations.
    [check_words_sound]: if the words listed, computed modulo m, have a minor that elimination shows to be a unit, then Lie(V) at
    the point has at least as many independent values as there are words, for activations that are the polynomials exhibited, or functions whose values are known. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Ring.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Jets Words Gradient Dimension.
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

End Residues.
(** a relation for which reduction is a ring map where it is defined, and nothing whose residue is a unit is 0 *)
Record residues (p : Z) := {
  rep : R -> Z -> Prop;
  rep_int : forall n, rep (IZR n) n;
  rep_plus : forall x y a b, rep x a -> rep y b -> rep (x + y)%R (a + b)%Z;
  rep_times : forall x y a b, rep x a -> rep y b -> rep (x * y)%R (a * b)%Z;
  rep_opp : forall x a, rep x a -> rep (- x)%R (- a)%Z;
  rep_cong : forall x a b q, rep x a -> (a = b + p * q)%Z -> rep x b;
  rep_nonzero : forall x a, rep x a -> unit_mod p a -> x <> 0%R;
  rep_inverse : forall x a u, rep x a -> ((a * u) mod p = 1)%Z -> rep (/ x)%R u
}.
Lemma rep_mod p (K : residues p) x a : rep p K x a -> rep p K x (a mod p).
Proof.
  intros H. apply (rep_cong p K x a (a mod p) (a / p) H).
  destruct (Z.eq_dec p 0) as [->|Np]; [rewrite Zmod_0_r|rewrite (Z_div_mod_eq_full a p) at 1]; ring.
Qed.
Definition rational_residues (p : Z) (Hp : (1 < p)%Z) : residues p.
Proof.
  refine {| rep := rel p |}.
  - apply rel_int.
  - intros; now apply rel_plus.
  - intros; now apply rel_times.
  - intros; now apply rel_opp.
  - intros x a b q H E. exact (rel_cong p x a b q H E).
  - intros x a. now apply rel_nonzero.
  - intros x a u. now apply rel_inverse.
Defined.

Section Reduction.
Variables (m : Z) (RS : residues m).
Local Notation srep := (rep m RS).
Local Notation r_int := (rep_int m RS).
Local Notation r_plus := (rep_plus m RS).
Local Notation r_times := (rep_times m RS).
Local Notation r_opp := (rep_opp m RS).
Local Notation r_cong := (rep_cong m RS).
Local Notation r_nonzero := (rep_nonzero m RS).
Local Notation r_inverse := (rep_inverse m RS).
Local Notation r_mod := (rep_mod m RS).
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
Lemma qmod_ok q : qgood q = true -> srep (Q2R q) (qmod q).
Proof.
  destruct q as [n d]. intros H.
  assert (G : forall u, ((Zpos d mod m * u) mod m = 1)%Z -> srep (Q2R (Qmake n d)) (Z.modulo (n * u) m)).
  { intros u Hu. apply r_mod. unfold Q2R; cbn [Qnum Qden]. apply r_times; [apply r_int|].
    apply (r_inverse _ (Zpos d mod m)); [|exact Hu]. apply r_mod, r_int. }
  unfold qgood, qmod in *. cbn [Qnum Qden] in *. destruct d; try (apply G; now apply Z.eqb_eq).
  unfold Q2R; cbn [Qnum Qden]. rewrite Rinv_1, Rmult_1_r. apply r_mod, r_int.
Qed.

Definition opsZ : ops Z Z := {|
  oz := 0%Z;
  oadd := fun a b => let c := (a + b)%Z in if (c <? m)%Z then c else (c - m)%Z;
  omul := fun a b => Z.modulo (a * b) m;
  oneg := fun a => if (a =? 0)%Z then 0%Z else (m - a)%Z;
  ocst := fun c => c;
  ofun := fun _ js n _ => js n |}.
Lemma opsZ_rel : orel srep (jets_of srep (fun a => a)) srep opsR opsZ.
Proof.
  split; cbn; auto.
  - apply (r_int 0).
  - intros a a' b b' H H'. assert (K := r_plus _ _ _ _ H H'). destruct (b + b' <? m)%Z; [exact K|].
    apply (r_cong _ _ _ 1 K). ring.
  - intros. now apply r_mod, r_times.
  - intros a b H. apply r_opp in H. destruct (Z.eqb_spec b 0) as [->|]; [exact H|]. apply (r_cong _ _ _ (-1) H). ring.
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

Definition relrow (cs : list positive) (w : vec) (zs : list Z) : Prop := Forall2 (fun c z => srep (w c) z) cs zs.
Lemma find_unit_ok fuel row : forall k c z u, find_unit fuel k row = Some (c, z, u) ->
  (k <= c)%nat /\ nth_error row (c - k) = Some z /\ ((z * u) mod m = 1)%Z.
Proof.
  induction row as [|a row IH]; cbn [find_unit]; intros k c z u H; [easy|].
  assert (X : find_unit fuel (S k) row = Some (c, z, u) -> (k <= c)%nat /\ nth_error (a :: row) (c - k) = Some z /\ ((z * u) mod m = 1)%Z).
  { intros K. destruct (IH _ _ _ _ K) as (L & E & U). split; [lia|]. split; [|exact U]. replace (c - k)%nat with (S (c - S k)) by lia. exact E. }
  destruct (a =? 0)%Z; [now apply X|]. destruct (is_inverse a (inverse fuel a)) eqn:E; [|now apply X].
  injection H as <- <- <-. split; [lia|]. rewrite Nat.sub_diag. split; [easy|]. now apply Z.eqb_eq.
Qed.
Lemma relrow_nth cs w zs k z : relrow cs w zs -> nth_error zs k = Some z -> exists c, nth_error cs k = Some c /\ srep (w c) z.
Proof.
  intros H. revert k; induction H as [|c y cs zs Hc _ IH]; intros [|k] E; try easy.
  - injection E as ->. now exists c.
  - now apply IH.
Qed.
Lemma relrow_nth' cs w zs k c : relrow cs w zs -> nth_error cs k = Some c -> srep (w c) (nth k zs 0%Z).
Proof.
  intros H. revert k; induction H as [|c' y cs zs Hc _ IH]; intros [|k] E; try easy.
  - injection E as ->. exact Hc.
  - now apply IH.
Qed.
Lemma relrow_axpy cs w r zs ys q t : relrow cs w zs -> relrow cs r ys -> srep t q -> relrow cs (fun k => w k - t * r k) (axpy q zs ys).
Proof.
  intros H. revert ys; induction H as [|c z cs zs Hc H IH]; intros ys K Ht; inversion K; subst; cbn; constructor; [|apply IH; auto].
  apply r_mod. unfold Rminus, Z.sub. apply r_plus; auto. apply r_opp. now apply r_times.
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
    assert (Nz : w k <> 0). { apply (r_nonzero _ z Hz). exists u, (z * u / m)%Z. rewrite (Z_div_mod_eq_full (z * u) m) at 1. rewrite Hu. ring. }
    apply (lindep_elim cs w k); [now apply nth_error_In in Ek|exact Nz|].
    match type of H with match elim fuel n ?x with _ => _ end = _ => destruct (elim fuel n x) eqn:Ee; [|easy] end.
    eapply IH; [|exact Ee]. clear Ee IH F H.
    induction Hr as [|v zs ws' rows Hv Hr IHr]; cbn [map]; constructor; auto.
    assert (Hq : srep (v k * / w k) (Z.modulo (nth c zs 0%Z * u) m)).
    { apply r_mod, r_times; [now apply (relrow_nth' cs)|now apply (r_inverse _ z)]. }
    destruct (Z.eqb_spec (Z.modulo (nth c zs 0%Z * u) m) 0) as [E0|_]; [|now apply relrow_axpy].
    rewrite E0 in Hq. revert Hv Hw. clear -Hq. unfold relrow. revert r zs.
      induction cs as [|j js IHj]; intros r zs Hv Hw; inversion Hv; inversion Hw; subst; constructor; eauto.
    match goal with Hy : srep (v j) ?y, Hx : srep (w j) ?x0 |- srep _ ?y =>
      assert (K := r_plus _ _ _ _ Hy (r_opp _ _ (r_times _ _ _ _ Hq Hx))) end.
    match goal with |- srep ?a ?b => apply (r_cong a _ b 0) in K; [exact K|ring] end.
Qed.
End Reduction.

(** ** Fields over Q, and their images *)
Record qfield := { qf_cov : list (positive * Q); qf_x : qvec }.
Definition xmap {C} (f : Q -> C) (v : qvec) : PM.t C := fold_right (fun t mp => PM.add (fst t) (f (snd t)) mp) (PM.empty C) v.
Definition field_of {C} (f : Q -> C) (js : positive -> nat -> C) (F : qfield) : gfield C :=
  {| gf_cov := map (fun oc => (fst oc, f (snd oc))) (qf_cov F); gf_x := xmap f (qf_x F); gf_j := js |}.
Definition real_field : qfield -> gfield R := field_of Q2R (fun _ _ => 0).
Definition point_of {C A} (O : ops C A) (f : Q -> C) (M : positive) (th : qvec) : PM.t A :=
  let mp := xmap f th in vbuild M (fun i => getC O mp i).
Definition dfield : qfield := {| qf_cov := []; qf_x := [] |}.
Definition word_of (fields : list qfield) (w : list nat) : list (gfield R) := map (fun k => real_field (nth k fields dfield)) w.
Definition zfield : gfield Z := {| gf_cov := []; gf_x := PM.empty Z; gf_j := fun _ _ => 0%Z |}.
Definition zword (gs : list (gfield Z)) (w : list nat) : list (gfield Z) := map (fun k => nth k gs zfield) w.

Lemma xmap_real v j : getC opsR (xmap Q2R v) j = qv v j.
Proof.
  unfold getC, qv, xmap. induction v as [|[i q] v IH]; cbn [fold_right assoc fst snd]; [now rewrite PM.gempty|].
  destruct (Pos.eqb_spec j i) as [->|N]; [now rewrite PM.gss|]. rewrite PM.gso by auto. exact IH.
Qed.
Lemma point_real M th : at_point M opsR (point_of opsR Q2R M th) (qv th).
Proof. intros k. unfold getA, point_of. rewrite vbuild_find, xmap_real. now destruct (Pos.leb k M). Qed.
Lemma xmap_rel {C} (RC : R -> C -> Prop) f v : (forall t, In t v -> RC (Q2R (snd t)) (f (snd t))) -> mrel RC (xmap Q2R v) (xmap f v).
Proof.
  intros H. induction v as [|[i q] v IH]; cbn [xmap fold_right].
  - intros k. now rewrite !PM.gempty.
  - intros k. cbn [fst snd]. destruct (Pos.eq_dec k i) as [->|N].
    + rewrite !PM.gss. apply (H (i, q)). simpl; auto.
    + rewrite !PM.gso by auto. apply IH. intros; apply H; simpl; auto.
Qed.
Lemma point_rel {C A} RC J (R0 : R -> A -> Prop) (O : ops C A) f M th : orel RC J R0 opsR O -> (forall t, In t th -> RC (Q2R (snd t)) (f (snd t))) ->
  wrel R0 opsR O (point_of opsR Q2R M th) (point_of O f M th).
Proof.
  intros H Hf. apply (mrel_wrel RC J R0 _ _ H). apply vbuild_rel. intros i. apply (getC_rel RC J R0 _ _ H). now apply xmap_rel.
Qed.

(** ** Arguments of functions: exact rationals, where they are *)
Definition at_zero (f : fn) : option Q :=
  match f with
  | FTanh | FSilu | FExpm1 | FSinh | FLogcosh | FSin | FArctan => Some 0%Q | FSigmoid => Some (1 # 2)%Q
  | FExp | FCosh | FGaussian | FCos => Some 1%Q | FSoftplus => None
  end.
Definition opsO : ops Q (option Q) := {|
  oz := Some 0%Q;
  oadd := fun a b => match a, b with Some x, Some y => Some (qadd x y) | _, _ => None end;
  omul := fun a b => match a, b with
    | Some x, Some y => Some (qmul x y) | Some x, None | None, Some x => if qzero x then Some 0%Q else None | None, None => None end;
  oneg := fun a => match a with Some x => Some (qopp x) | None => None end;
  ocst := Some;
  ofun := fun f _ n a => match n, a with O, Some x => if qzero x then at_zero f else None | _, _ => None end |}.
Definition exactly (r : R) (o : option Q) : Prop := match o with Some q => r = Q2R q | None => True end.
Lemma at_zero_ok f q : at_zero f = Some q -> jetR f 0 0 = Q2R q.
Proof.
  assert (E : exp 0 = 1) by apply exp_0. assert (H : Q2R (1 # 2) = / 2) by (unfold Q2R; cbn; lra).
  rewrite jet_fun. destruct f; cbn [at_zero fn_fun]; intros [= <-]; rewrite ?Q2R_0, ?Q2R_1, ?H; unfold tanh, sinh, cosh; rewrite ?Ropp_0, ?Rmult_0_l, ?Ropp_0,
    ?E; try (field; lra); try lra; auto using sin_0, cos_0, atan_0.
  replace ((1 + 1) / 2) with 1 by field. apply ln_1.
Qed.
Lemma opsO_rel : orel (fun r q => r = Q2R q) (fun _ _ _ _ => True) exactly opsR opsO.
Proof.
  split; cbn.
  - now rewrite Q2R_0.
  - intros a a' [b|] [b'|]; cbn; auto. intros -> ->. now rewrite qadd_ok.
  - intros a a' [b|] [b'|]; cbn; auto.
    + intros -> ->. now rewrite qmul_ok.
    + intros -> _. destruct (qzero b) eqn:E; [|exact I]. cbn. rewrite (qzero_ok _ E), Q2R_0. ring.
    + intros _ ->. destruct (qzero b') eqn:E; [|exact I]. cbn. rewrite (qzero_ok _ E), Q2R_0. ring.
  - intros a [b|]; cbn; auto. intros ->. now rewrite qopp_ok.
  - auto.
  - intros f _ _ [|n] a [b|] _; cbn; auto. intros ->. destruct (qzero b) eqn:E; [|exact I]. rewrite (qzero_ok _ E).
    destruct (at_zero f) as [q|] eqn:Ef; [|exact I]. now apply at_zero_ok.
Qed.

(** ** Base functions whose value is rational *)
Definition exact_base (v : positive) (q : Q) : option Q :=
  if qzero q then
    match v with
    | 1 | 3 | 6 | 8 | 11 | 13 => Some 0%Q | 2 | 5 | 7 | 9 | 10 => Some 1%Q | 4 => Some (1 # 2)%Q | _ => None
    end%positive
  else match v with 1%positive => Some q | 10%positive => Some (Qinv (qadd 1 (qmul q q))) | _ => None end.
Lemma exact_base_ok v q r : exact_base v q = Some r -> base (Q2R q) v = Q2R r.
Proof.
  assert (E : exp 0 = 1) by apply exp_0. assert (H : Q2R (1 # 2) = / 2) by (unfold Q2R; cbn; lra).
  unfold exact_base. destruct (qzero q) eqn:Z.
  - rewrite (qzero_ok _ Z). intros K.
    assert (C : (v = 1 \/ v = 2 \/ v = 3 \/ v = 4 \/ v = 5 \/ v = 6 \/ v = 7 \/ v = 8 \/ v = 9 \/ v = 10 \/ v = 11 \/ v = 13)%positive)
      by (destruct v as [[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|]; try discriminate K; auto 20).
    destruct C as [->|[->|[->|[->|[->|[->|[->|[->|[->|[->|[->| ->]]]]]]]]]]]; injection K as <-; cbn [base]; rewrite ?Q2R_0, ?Q2R_1, ?H;
      unfold tanh, sinh, cosh; rewrite ?Ropp_0, ?Rmult_0_l, ?Ropp_0, ?E; try (field; lra); try lra; auto using sin_0, cos_0, atan_0.
    replace ((1 + 1) / 2) with 1 by field. apply ln_1.
  - intros K.
    assert (C : (v = 1 \/ v = 10)%positive)
      by (destruct v as [[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|]; try discriminate K; auto).
    destruct C as [->| ->]; injection K as <-; cbn [base]; [reflexivity|].
    assert (X : Q2R (qadd 1 (qmul q q)) = 1 + Q2R q * Q2R q) by now rewrite qadd_ok, qmul_ok, Q2R_1.
    rewrite Q2R_inv, X; [reflexivity|]. intros Y. apply Qeq_eqR in Y. rewrite Q2R_0, X in Y. nra.
Qed.

(** ** Residues of derivatives; [bv v q] is a residue of base function v at q *)
Section Derivatives.
Variable p : Z.
Variable bv : positive -> Q -> option Z.
Definition zmod (z : positive -> Z) (P : zpoly) : Z :=
  fold_right (fun t a => Z.modulo (snd t * fold_right (fun v b => Z.modulo (z v * b) p) 1 (fst t) + a) p)%Z 0%Z P.
Fixpoint base_table (l : list positive) (q : Q) : option (list (positive * Z)) :=
  match l with
  | [] => Some []
  | v :: l' => match bv v q, base_table l' q with Some z, Some t => Some ((v, z) :: t) | _, _ => None end
  end.
Fixpoint jet_polys (f : fn) (P : zpoly) (n : nat) : list zpoly := match n with O => [] | S n' => P :: jet_polys f (dpoly f P) n' end.
(** derivatives of f at q; the first [depth] are tabulated *)
Definition jets_res (depth : nat) (f : fn) (q : Q) : option (nat -> Z) :=
  match base_table (needed f) q with
  | Some t =>
    let z := fun v => match assoc v t with Some a => a | None => 0%Z end in
    let cache := map (zmod z) (jet_polys f (start f) depth) in
    Some (fun n => match nth_error cache n with Some a => a | None => zmod z (jetP f n) end)
  | None => None
  end.
Fixpoint jet_table (depth : nat) (V : PM.t (option Q)) (next : positive) (P : list (gnode Q)) : option (PM.t (nat -> Z)) :=
  match P with
  | [] => Some (PM.empty _)
  | n :: P' =>
    match jet_table depth V (Pos.succ next) P' with
    | Some t =>
      match n with
      | GF f a => match (if Pos.ltb a next then getA opsO V a else None) with
                  | Some q => match jets_res depth f q with Some js => Some (PM.add next js t) | None => None end
                  | None => None end
      | _ => Some t
      end
    | None => None
    end
  end.

Variable RS : residues p.
Hypothesis Hbv : forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z.
Lemma zmod_ok r z P : (forall v, rep p RS (r v) (z v)) -> rep p RS (zeval r P) (zmod z P).
Proof.
  intros H. unfold zeval, zmod. induction P as [|[m c] P IH]; cbn [fold_right fst snd]; [apply (rep_int p RS 0)|].
  apply rep_mod, rep_plus; [|exact IH]. apply rep_times; [apply rep_int|]. clear IH. unfold zm.
  induction m as [|v m IH]; cbn [fold_right]; [apply (rep_int p RS 1)|]. apply rep_mod. now apply rep_times.
Qed.
Lemma base_table_ok q : forall l t, base_table l q = Some t -> forall v, match assoc v t with
  | Some z => In v l /\ rep p RS (base (Q2R q) v) z | None => ~ In v l end.
Proof.
  induction l as [|w l IH]; cbn [base_table]; intros t H v; [injection H as <-; cbn; tauto|].
  destruct (bv w q) as [z|] eqn:Ez; [|easy]. destruct (base_table l q) as [t'|]; [|easy]. injection H as <-. cbn [assoc].
  destruct (Pos.eqb_spec v w) as [->|N]; [split; [simpl; auto|now apply Hbv]|]. specialize (IH t' eq_refl v).
  destruct (assoc v t'); [split; [simpl; tauto|tauto]|]. simpl. intros [->|X]; tauto.
Qed.
Lemma jet_polys_ok f n : forall k P, nth_error (jet_polys f (jetP f k) n) P = if Nat.ltb P n then Some (jetP f (P + k)) else None.
Proof.
  induction n as [|n IH]; intros k [|P]; cbn [jet_polys nth_error]; try reflexivity. change (dpoly f (jetP f k)) with (jetP f (S k)). rewrite IH.
  change (Nat.ltb (S P) (S n)) with (Nat.ltb P n). now replace (P + S k)%nat with (S P + k)%nat by lia.
Qed.
Lemma jets_res_ok depth f q js : jets_res depth f q = Some js -> jets_at (rep p RS) f (Q2R q) js.
Proof.
  unfold jets_res. destruct (base_table (needed f) q) as [t|] eqn:Et; [|easy]. intros [= <-] n.
  set (z := fun v => match assoc v t with Some a => a | None => 0%Z end).
  assert (Z : forall v, rep p RS (basef f (Q2R q) v) (z v)).
  { intros v. unfold basef, z. assert (K := base_table_ok q _ t Et v). unfold needs. destruct (existsb (Pos.eqb v) (needed f)) eqn:E.
    - apply existsb_exists in E as (w & Hw & ->%Pos.eqb_eq). destruct (assoc w t); [apply K|now destruct K].
    - destruct (assoc v t); [|apply (rep_int p RS 0)]. destruct K as [K _]. exfalso.
      assert (X : existsb (Pos.eqb v) (needed f) = true) by (apply existsb_exists; exists v; split; [exact K|apply Pos.eqb_refl]). congruence. }
  assert (X : rep p RS (jetR f n (Q2R q)) (zmod z (jetP f n))) by now apply zmod_ok.
  rewrite nth_error_map. change (start f) with (jetP f 0). rewrite jet_polys_ok. destruct (Nat.ltb n depth); cbn [option_map]; [|exact X].
  now rewrite Nat.add_0_r.
Qed.
Lemma jet_table_ok depth V : forall P next t, jet_table depth V next P = Some t ->
  at_functions (fun k f a => (a < k)%positive /\ exists q, getA opsO V a = Some q /\
    jets_at (rep p RS) f (Q2R q) (match PM.find k t with Some js => js | None => fun _ => 0%Z end)) next P /\
  forall k, (k < next)%positive -> PM.find k t = None.
Proof.
  induction P as [|n P IH]; intros next t; cbn [jet_table at_functions]; [intros [= <-]; split; [easy|]; intros; apply PM.gempty|].
  destruct (jet_table depth V (Pos.succ next) P) as [t'|] eqn:Et; [|easy]. destruct (IH _ _ Et) as [A B]. clear IH Et.
  destruct n as [c|i|j|l|a b|cs ds a|f a]; try (intros [= <-]; split; [split; [easy|exact A]|]; intros k Hk; apply B; lia).
  destruct (Pos.ltb_spec a next) as [L|L]; [|easy].
  destruct (getA opsO V a) as [q|] eqn:Ea; [|easy]. destruct (jets_res depth f q) as [js|] eqn:Ej; [|easy]. intros [= <-]. split.
  - split.
    + split; [exact L|]. exists q. split; [reflexivity|]. rewrite PM.gss. now apply (jets_res_ok depth).
    + assert (G : forall (Q0 : list (gnode Q)) k, (next < k)%positive -> at_functions (fun k f a => (a < k)%positive /\ exists q, getA opsO V a = Some q /\
        jets_at (rep p RS) f (Q2R q) (match PM.find k t' with Some js => js | None => fun _ => 0%Z end)) k Q0 ->
        at_functions (fun k f a => (a < k)%positive /\ exists q, getA opsO V a = Some q /\
        jets_at (rep p RS) f (Q2R q) (match PM.find k (PM.add next js t') with Some js => js | None => fun _ => 0%Z end)) k Q0).
      { clear. induction Q0 as [|n Q0 IH]; intros k Hk; cbn [at_functions]; [easy|]. intros [X Y]. split; [|apply IH; [lia|exact Y]].
        destruct n; auto. rewrite PM.gso by lia. exact X. }
      apply G; [lia|exact A].
  - intros k Hk. rewrite PM.gso by lia. apply B. lia.
Qed.
End Derivatives.

(** ** The check *)
Definition node_good (p : Z) (mem : member) (n : node) : bool :=
  match n with
  | NCst q => qgood p q
  | NAct k _ => match assoc k mem with Some (KPoly cs) => forallb (qgood p) cs && forallb (qgood p) (dcoef cs) | Some (KFun _) => true | None => false end
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

(** a field modulo p; the derivatives of its functions are known where their arguments are rational *)
Definition applies {C} (n : gnode C) : bool := match n with GF _ _ => true | _ => false end.
Definition residue_field (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (depth : nat) (th : qvec) (F : qfield) : option (gfield Z) :=
  let P := map (gconv (fun q : Q => q) mem) (m_prog m) in
  if existsb applies P then
    let V := fwd opsO (point_of opsO (fun q => q) (m_nparams m) th) (xmap (fun q => q) (qf_x F)) (fun _ _ => 0%Q) 1 P (PM.empty _) in
    match jet_table p bv depth V 1 P with
    | Some t => Some (field_of (qmod p) (fun k => match PM.find k t with Some js => js | None => fun _ => 0%Z end) F)
    | None => None
    end
  else Some (field_of (qmod p) (fun _ _ => 0%Z) F).
Fixpoint residue_fields m mem p bv depth th (l : list qfield) : option (list (gfield Z)) :=
  match l with
  | [] => Some []
  | F :: l' => match residue_field m mem p bv depth th F, residue_fields m mem p bv depth th l' with Some g, Some gs => Some (g :: gs) | _, _ => None end
  end.
Definition depth_of (words : list (list nat)) : nat := S (fold_right (fun w n => Nat.max (length w) n) 0%nat words).

Definition word_row (m : model) (p : Z) (P : list (gnode Z)) (TH : PM.t Z) (gs : list (gfield Z)) (cols : list positive) (w : list nat) : list Z :=
  let v := wordvec (m_nparams m) P (zword gs w) (opsZ p) TH in map (getA (opsZ p) v) cols.
(** the determinant modulo p of the words listed in the columns listed, when elimination finds a pivot in every row *)
Definition words_det (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (th : qvec) (fields : list qfield) (words : list (list nat))
    (cols : list positive) : option Z :=
  if check_setup m mem p th fields && forallb (word_ok fields) words && forallb (fun c => Pos.leb c (m_nparams m)) cols then
    match residue_fields m mem p bv (depth_of words) th fields with
    | Some gs =>
      let P := map (gconv (qmod p) mem) (m_prog m) in
      let TH := point_of (opsZ p) (qmod p) (m_nparams m) th in
      match elim p (fuel_of p) (length words) (map (word_row m p P TH gs cols) words) with
      | Some l => Some (det_of p l)
      | None => None
      end
    | None => None
    end
  else None.
Definition check_words m mem p bv th fields words cols (det : Z) : bool :=
  match words_det m mem p bv th fields words cols with Some d => Z.eqb d det && Nat.eqb (length words) (length cols) | None => false end.

Lemma qvec_good_ok p (RS : residues p) v : qvec_good p v = true -> forall t, In t v -> rep p RS (Q2R (snd t)) (qmod p (snd t)).
Proof. intros H t Ht. unfold qvec_good in H. rewrite forallb_forall in H. now apply qmod_ok, H. Qed.
Lemma gconv_rel p (RS : residues p) mem prog : forallb (has_member mem) prog = true -> forallb (node_good p mem) prog = true ->
  Forall2 (nrel (rep p RS)) (map (gconv Q2R mem) prog) (map (gconv (qmod p) mem) prog).
Proof.
  intros Hm Hg. induction prog as [|n prog IH]; cbn [map forallb] in *; [constructor|].
  apply andb_prop in Hm as [M1 M2]. apply andb_prop in Hg as [G1 G2]. constructor; auto.
  assert (X : forall cs, forallb (qgood p) cs = true -> Forall2 (rep p RS) (map Q2R cs) (map (qmod p) cs)).
  { induction cs as [|c cs IHc]; cbn; [constructor|]. intros H. apply andb_prop in H as [H1 H2]. constructor; [now apply qmod_ok|auto]. }
  destruct n as [q|i|j|l|a b|k a]; cbn [gconv nrel node_good has_member] in *; auto.
  - now apply qmod_ok.
  - destruct (assoc k mem) as [[cs|f]|]; [|now split|easy]. apply andb_prop in G1 as [H1 H2]. cbn. auto.
Qed.
Lemma gconv_exact mem prog : Forall2 (nrel (fun r q => r = Q2R q)) (map (gconv Q2R mem) prog) (map (gconv (fun q => q) mem) prog).
Proof.
  assert (X : forall cs, Forall2 (fun r q => r = Q2R q) (map Q2R cs) (map (fun q => q) cs)) by (induction cs; constructor; auto).
  induction prog as [|n prog IH]; cbn [map]; constructor; auto. destruct n as [q|i|j|l|a b|k a]; cbn [gconv nrel]; auto.
  destruct (assoc k mem) as [[cs|f]|]; cbn; auto.
Qed.
Lemma field_good_ok m p F : qfield_good m p F = true -> field_ok m (real_field F).
Proof.
  unfold qfield_good. intros H. apply andb_prop in H as [[[N I]%andb_prop _]%andb_prop _]. split.
  - cbn. destruct (qf_cov F); easy.
  - intros o c Ho. cbn in Ho. apply in_map_iff in Ho as ([o' c'] & [= <- _] & Ho). rewrite forallb_forall in I. specialize (I _ Ho). cbn in I.
    apply existsb_exists in I as (o2 & Ho2 & ->%Pos.eqb_eq). exact Ho2.
Qed.
Lemma field_rel m p (RS : residues p) F js : qfield_good m p F = true -> frel (rep p RS) (real_field F) (field_of (qmod p) js F).
Proof.
  unfold qfield_good. intros H. apply andb_prop in H as [[[_ _]%andb_prop H]%andb_prop K].
  split; [|apply xmap_rel; now apply qvec_good_ok].
  unfold real_field, field_of; cbn [gf_cov]. induction (qf_cov F) as [|[o c] l IH]; cbn; [constructor|]. cbn in H. apply andb_prop in H as [H1 H2].
  constructor; [split; [easy|now apply qmod_ok]|]. now apply IH.
Qed.
Lemma no_functions {C D} (f : D -> C) Q0 mem (g : Q -> D) prog : forall k, existsb applies (map (gconv g mem) prog) = false ->
  @at_functions C Q0 k (map (gconv (fun q => f (g q)) mem) prog).
Proof.
  induction prog as [|n prog IH]; intros k; cbn [map existsb at_functions]; [easy|]. intros H. apply orb_false_iff in H as [A B]. split; [|now apply IH].
  destruct n as [q|i|j|l|a b|h a]; cbn [gconv] in *; auto. destruct (assoc h mem) as [[cs|f0]|]; cbn in *; easy.
Qed.
Lemma residue_field_ok m mem p bv depth th F g (RS : residues p) : (forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z) ->
  qfield_good m p F = true -> residue_field m mem p bv depth th F = Some g ->
  frel (rep p RS) (real_field F) g /\
  jets_ok (rep p RS) (map (gconv Q2R mem) (m_prog m)) (point_of opsR Q2R (m_nparams m) th) (real_field F) g.
Proof.
  intros Hbv HF. unfold residue_field. cbv zeta. destruct (existsb applies (map (gconv (fun q : Q => q) mem) (m_prog m))) eqn:Ex.
  - destruct (jet_table _ _ _ _ _ _) as [t|] eqn:Et; [|easy]. intros [= <-]. split; [now apply (field_rel m)|].
    destruct (jet_table_ok p bv RS Hbv _ _ _ _ _ Et) as [A _]. unfold jets_ok. cbn [field_of gf_j].
    set (V := fwd opsO _ _ _ _ _ _) in A.
    set (VR := fwd opsR _ _ _ _ _ _).
    assert (W : forall a, exactly (getA opsR VR a) (getA opsO V a)).
    { apply (fwd_rel _ _ _ _ _ opsO_rel).
      - apply (point_rel _ _ _ _ _ _ _ opsO_rel). auto.
      - apply xmap_rel. auto.
      - apply gconv_exact.
      - apply (mrel_wrel _ _ _ _ _ opsO_rel), mrel_empty.
      - apply (fits_all (fun _ _ _ _ => True) opsR _ (real_field F) (field_of (fun q => q) (fun _ _ => 0%Q) F) _). auto. }
    clearbody V VR. clear Ex Et. revert A. generalize 1%positive. induction (m_prog m) as [|n prog IH]; intros k; cbn [map at_functions]; [easy|]. intros [A B]. split; [|now apply IH].
    destruct n as [q|i|j|l|a b|h a]; cbn [gconv] in *; auto. destruct (assoc h mem) as [[cs|f]|]; auto. destruct A as [L (q & Ea & Hj)].
    split; [exact L|]. specialize (W a). rewrite Ea in W. cbn in W. now rewrite W.
  - intros [= <-]. split; [now apply (field_rel m)|]. unfold jets_ok. now apply (no_functions Q2R).
Qed.

Section Setup.
Variables (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (depth : nat) (th : qvec) (fields : list qfield).
Variable RS : residues p.
Hypothesis Hbv : forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z.
Hypothesis H : check_setup m mem p th fields = true.
Lemma setup_facts : (1 < p)%Z /\ wf_model m = true /\ forallb (has_member mem) (m_prog m) = true /\ forallb (node_good p mem) (m_prog m) = true /\
  qvec_good p th = true /\ forall F, In F fields -> qfield_good m p F = true.
Proof.
  unfold check_setup in H. apply andb_prop in H as [[[[[A B]%andb_prop C]%andb_prop D]%andb_prop E]%andb_prop F].
  rewrite forallb_forall in F. apply Z.ltb_lt in A. auto 10.
Qed.
Lemma word_nth w k : word_ok fields w = true -> In k w -> In (nth k fields dfield) fields.
Proof.
  intros W Hk. apply nth_In. unfold word_ok in W. destruct w as [|a w]; [easy|]. rewrite forallb_forall in W. now apply Nat.ltb_lt, W.
Qed.
Lemma word_fields w : word_ok fields w = true -> word_of fields w <> [] /\ List.Forall (field_ok m) (word_of fields w).
Proof.
  intros W. destruct setup_facts as (Hp & _ & _ & _ & _ & HF). assert (N := fun k => word_nth w k W). split.
  - destruct w; [easy|]. discriminate.
  - unfold word_of. apply Forall_forall. intros F HFi. apply in_map_iff in HFi as (k & <- & Hk). apply (field_good_ok m p), HF, N, Hk.
Qed.
(** the field of a word *)
Definition wfield (w : list nat) : positive -> pe := wpe (m_nparams m) (map (gconv Q2R mem) (m_prog m)) (word_of fields w).
Lemma wfield_lie s w : act_derivable s -> poly_acts s mem -> word_ok fields w = true -> lie m s (pfield (wfield w)).
Proof.
  intros Hd Hm W. destruct setup_facts as (_ & Wf & HM & _). destruct (word_fields w W) as (N & F). now apply (word_lie m s mem).
Qed.
Variable gs : list (gfield Z).
Hypothesis HG : residue_fields m mem p bv depth th fields = Some gs.
Let PR := map (gconv Q2R mem) (m_prog m).
Let TR := point_of opsR Q2R (m_nparams m) th.
Definition field_fits (F : gfield R) (g : gfield Z) : Prop := frel (rep p RS) F g /\ jets_ok (rep p RS) PR TR F g.
Lemma nth_fits k : (k < length fields)%nat -> field_fits (real_field (nth k fields dfield)) (nth k gs zfield).
Proof.
  destruct setup_facts as (_ & _ & _ & _ & _ & HF). clear H. revert gs HG HF k. induction fields as [|F l IH]; intros gs0 HG0 HF k Hk; [cbn in Hk; lia|].
  cbn [residue_fields] in HG0. destruct (residue_field m mem p bv depth th F) as [g|] eqn:Eg; [|easy].
  destruct (residue_fields m mem p bv depth th l) as [gs'|]; [|easy]. injection HG0 as <-. destruct k as [|k]; cbn [nth].
  - apply (residue_field_ok m mem p bv depth th F g RS Hbv); [apply HF; simpl; auto|exact Eg].
  - apply IH; auto; [intros; apply HF; simpl; auto|cbn in Hk; lia].
Qed.
Lemma word_fits w : word_ok fields w = true -> Forall2 field_fits (word_of fields w) (zword gs w).
Proof.
  intros W. assert (N : forall k, In k w -> (k < length fields)%nat).
  { intros k Hk. unfold word_ok in W. destruct w; [easy|]. rewrite forallb_forall in W. now apply Nat.ltb_lt, W. }
  clear W. unfold word_of, zword. induction w as [|k w IH]; cbn; constructor; [apply nth_fits, N; simpl; auto|]. apply IH. intros; apply N; simpl; auto.
Qed.
Lemma point_low k : (m_nparams m < k)%positive -> getA opsR TR k = 0.
Proof. intros Hk. unfold TR. rewrite (point_real (m_nparams m) th k). destruct (Pos.leb_spec k (m_nparams m)); [lia|reflexivity]. Qed.
Lemma word_row_rel w cols : word_ok fields w = true -> (forall c, In c cols -> (c <= m_nparams m)%positive) ->
  relrow p RS cols (pfield (wfield w) (qv th)) (word_row m p (map (gconv (qmod p) mem) (m_prog m)) (point_of (opsZ p) (qmod p) (m_nparams m) th) gs cols w).
Proof.
  intros W Hc. destruct setup_facts as (Hp & _ & HM & HGd & Ht & _). assert (Hw := word_fits w W).
  assert (OR := opsZ_rel p RS).
  assert (K := wordvec_rel (rep p RS) (m_nparams m) _ _ _ _ TR point_low (gconv_rel p RS mem _ HM HGd) Hw R Z (rep p RS) opsR (opsZ p) _ constant_R OR
     TR (point_of (opsZ p) (qmod p) (m_nparams m) th)).
  assert (Hth : wrel (rep p RS) opsR (opsZ p) TR (point_of (opsZ p) (qmod p) (m_nparams m) th)).
  { apply (point_rel _ _ _ _ _ _ _ OR). now apply qvec_good_ok. }
  specialize (K Hth (fun _ => eq_refl)). assert (KW := mrel_wrel (rep p RS) _ (rep p RS) _ _ OR _ _ K).
  unfold relrow, word_row. cbv zeta. induction cols as [|c cols IH]; cbn [map]; constructor.
  - unfold pfield, rev, wfield. rewrite <- (word_ev (m_nparams m) _ _ R opsR _ _ opsR_ok (point_real (m_nparams m) th) c) by (apply Hc; simpl; auto).
    apply KW.
  - apply IH. intros; apply Hc; simpl; auto.
Qed.
End Setup.

Section Words.
Variables (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (RS : residues p).
Hypothesis Hbv : forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z.
Theorem words_det_sound th fields words cols d : words_det m mem p bv th fields words cols = Some d ->
  forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) (length words).
Proof.
  unfold words_det. intros H s Hd Hm.
  destruct (check_setup m mem p th fields && forallb (word_ok fields) words && forallb (fun c => Pos.leb c (m_nparams m)) cols) eqn:E; [|easy].
  apply andb_prop in E as [[S W]%andb_prop C]. destruct (residue_fields _ _ _ _ _ _ _) as [gs|] eqn:Eg; [|easy]. cbv zeta in H. rewrite forallb_forall in W, C.
  destruct (elim p _ _ _) as [l|] eqn:El; [|easy]. clear H d.
  exists (map (fun w => pfield (wfield m mem fields w)) words). split; [now rewrite map_length|]. split.
  - intros V HV. apply in_map_iff in HV as (w & <- & Hw). apply (wfield_lie m mem p th fields S); auto.
  - rewrite map_map. apply (lindep_incl R 0 Rplus Rmult cols).
    + intros c Hc. apply plist_in. now apply Pos.leb_le, C.
    + apply (elim_sound p RS) with (2 := El). clear El. revert Eg. generalize (depth_of words). intros depth Eg.
      induction words as [|w words IH]; cbn [map]; constructor; [|apply IH; intros; apply W; simpl; auto].
      apply (word_row_rel m mem p bv depth th fields RS Hbv S gs Eg); [apply W; simpl; auto|]. intros c Hc. now apply Pos.leb_le, C.
Qed.
Theorem check_words_sound th fields words cols det : check_words m mem p bv th fields words cols det = true ->
  forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) (length words).
Proof. unfold check_words. destruct (words_det m mem p bv th fields words cols) as [d|] eqn:E; [|easy]. intros _. now apply (words_det_sound th fields words cols d). Qed.
End Words.
(** residues where only rational values are used *)
Definition rational_base (p : Z) (v : positive) (q : Q) : option Z :=
  match exact_base v q with Some r => if qgood p r then Some (qmod p r) else None | None => None end.
Lemma rational_base_ok p (RS : residues p) v q z : rational_base p v q = Some z -> rep p RS (base (Q2R q) v) z.
Proof.
  unfold rational_base. destruct (exact_base v q) as [r|] eqn:E; [|easy]. destruct (qgood p r) eqn:G; [|easy]. intros [= <-].
  rewrite (exact_base_ok v q r E). now apply qmod_ok.
Qed.
(** no named functions: nothing has to be known of derivatives *)
Definition pure (mem : member) (prog : list node) : bool :=
  negb (existsb (fun n => match n with NAct k _ => match assoc k mem with Some (KFun _) => true | _ => false end | _ => false end) prog).
Lemma pure_fits {C D A} (J : fn -> (nat -> C) -> (nat -> D) -> A -> Prop) (O : ops C A) (f : Q -> C) mem prog (F : gfield C) (F' : gfield D) th :
  pure mem prog = true -> @fits C D A J O (map (gconv f mem) prog) F F' th.
Proof.
  intros H. unfold pure in H. apply negb_true_iff in H.
  assert (G : forall n, existsb (fun n => match n with NAct k _ => match assoc k mem with Some (KFun _) => true | _ => false end | _ => false end) [n] = false ->
    match gconv f mem n with GF _ _ => False | _ => True end).
  { intros [q|i|j|l|a b|k a]; cbn; auto. destruct (assoc k mem) as [[cs|g]|]; cbn; auto. }
  split.
  - generalize 1%positive (PM.empty A). induction prog as [|n prog IH]; intros k V; cbn [map fwd_fits]; [easy|]. cbn [existsb] in H.
    apply orb_false_iff in H as [H1 H2]. split; [|now apply IH]. assert (K := G n). cbn [existsb] in K. rewrite H1 in K. specialize (K eq_refl).
    destruct (gconv f mem n); auto. destruct K.
  - generalize (fwd O th (gf_x F) (gf_j F) 1 (map (gconv f mem) prog) (PM.empty A)). intros V. generalize 1%positive.
    induction prog as [|n prog IH]; intros k; cbn [map at_functions]; [easy|]. cbn [existsb] in H.
    apply orb_false_iff in H as [H1 H2]. split; [|now apply IH]. assert (K := G n). cbn [existsb] in K. rewrite H1 in K. specialize (K eq_refl).
    destruct (gconv f mem n); auto. destruct K.
Qed.
