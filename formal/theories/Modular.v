(** * Residues of real numbers, and elimination

    [rel m r z]: the real number r is a fraction with denominator coprime to m, and its residue is z. It is preserved by +, ×, −, constants
    and inverses of units (reduction is a ring map; m >= 2 need not be prime), so a computation with residues follows the same one with real numbers,
    and elimination with pivots that are units shows that the real rows are independent ([elim_sound]). [residues m]: all such relations. *)
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
