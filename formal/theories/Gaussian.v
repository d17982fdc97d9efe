(** * Gaussian integers among the complex numbers, polynomials with such coefficients, and derivatives of complex functions on a line. *)
From Coq Require Import List ZArith Reals Lia Lra.
From Coquelicot Require Import Coquelicot.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope C_scope.
Local Arguments Cmod _%C.

(** ** Gaussian integers, as complex numbers *)
Definition gauss (c : C) : Prop := exists a b : Z, c = (IZR a, IZR b).
Lemma gauss_z (n : Z) : gauss (RtoC (IZR n)).
Proof. now exists n, 0%Z. Qed.
Lemma gauss_nat (n : nat) : gauss (RtoC (INR n)).
Proof. rewrite INR_IZR_INZ. apply gauss_z. Qed.
Lemma gauss_plus x y : gauss x -> gauss y -> gauss (x + y).
Proof. intros (a & b & ->) (c & d & ->). exists (a + c)%Z, (b + d)%Z. unfold Cplus; cbn [fst snd]. now rewrite !plus_IZR. Qed.
Lemma gauss_opp x : gauss x -> gauss (- x).
Proof. intros (a & b & ->). exists (- a)%Z, (- b)%Z. unfold Copp; cbn [fst snd]. now rewrite !opp_IZR. Qed.
Lemma gauss_mult x y : gauss x -> gauss y -> gauss (x * y).
Proof.
  intros (a & b & ->) (c & d & ->). exists (a * c - b * d)%Z, (a * d + b * c)%Z. unfold Cmult; cbn [fst snd].
  now rewrite minus_IZR, plus_IZR, !mult_IZR.
Qed.
Fixpoint cpow (c : C) (n : nat) : C := match n with O => 1 | S n => c * cpow c n end.
Lemma gauss_pow x n : gauss x -> gauss (cpow x n).
Proof. intros H. induction n; [apply (gauss_z 1)|now apply gauss_mult]. Qed.
Lemma cpow_mult x y n : cpow (x * y) n = cpow x n * cpow y n.
Proof. induction n; cbn [cpow]; [ring|rewrite IHn; ring]. Qed.
Lemma cpow_mod x n : Cmod (cpow x n) = (Cmod x ^ n)%R.
Proof. induction n; cbn [cpow pow]; [apply Cmod_1|now rewrite Cmod_mult, IHn]. Qed.
Lemma cpow_real x n : cpow (RtoC x) n = RtoC (x ^ n)%R.
Proof. induction n; cbn [cpow pow]; [reflexivity|now rewrite IHn, RtoC_mult]. Qed.

(** ** Polynomials *)
Fixpoint ev (l : list C) (z : C) : C := match l with [] => 0 | a :: l' => a + z * ev l' z end.
Arguments ev _ _%C.
Fixpoint dl (k : nat) (l : list C) : list C := match l with [] => [] | a :: l' => RtoC (INR k) * a :: dl (S k) l' end.
Definition deriv (l : list C) : list C := match l with [] => [] | _ :: l' => dl 1 l' end.
Lemma ev_dl_S k l z : ev (dl (S k) l) z = ev l z + ev (dl k l) z.
Proof.
  revert k; induction l as [|a l IH]; intros k; [cbn; ring|]. cbn [dl ev]. rewrite IH, S_INR, RtoC_plus. ring.
Qed.
Lemma ev_dl_0 l z : ev (dl 0 l) z = z * ev (deriv l) z.
Proof. destruct l as [|a l]; cbn [dl ev deriv]; [ring|]. change (INR 0) with 0%R. ring. Qed.
Lemma dl_length k l : length (dl k l) = length l.
Proof. revert k; induction l; intros; cbn; auto. Qed.
Lemma deriv_length l : length (deriv l) = pred (length l).
Proof. destruct l; [easy|]. apply dl_length. Qed.

Definition gpoly (f : C -> C) : Prop := exists l, List.Forall gauss l /\ forall z, f z = ev l z.
Fixpoint plus_l (l k : list C) : list C := match l, k with [], k => k | l, [] => l | a :: l', b :: k' => a + b :: plus_l l' k' end.
Lemma plus_l_ok l k : List.Forall gauss l -> List.Forall gauss k -> List.Forall gauss (plus_l l k) /\ forall z, ev (plus_l l k) z = ev l z + ev k z.
Proof.
  intros Hl. revert k; induction Hl as [|a l Ha Hl IH]; intros k Hk; [split; [exact Hk|intros; cbn; ring]|].
  destruct Hk as [|b k Hb Hk]; [split; [now constructor|intros; cbn; ring]|]. destruct (IH k Hk) as [I J].
  split; [constructor; [now apply gauss_plus|exact I]|]. intros z. cbn [plus_l ev]. rewrite J. ring.
Qed.
Lemma gpoly_linear b : gauss b -> gpoly (fun z => z + b).
Proof. intros H. exists [b; RtoC 1]. split; [repeat constructor; [exact H|apply (gauss_z 1)]|]. intros. cbn [ev]. ring. Qed.
Lemma gpoly_one : gpoly (fun _ => 1).
Proof. exists [RtoC 1]. split; [repeat constructor; apply (gauss_z 1)|]. intros. cbn [ev]. ring. Qed.
Lemma gpoly_mult f g : gpoly f -> gpoly g -> gpoly (fun z => f z * g z).
Proof.
  intros (l & Hl & El) (k & Hk & Ek).
  assert (X : exists j, List.Forall gauss j /\ forall z, ev j z = ev l z * ev k z).
  { clear El Ek. induction Hl as [|a l Ha Hl (j & Hj & Ej)]; [exists []; split; [constructor|intros; cbn; ring]|].
    destruct (plus_l_ok (map (Cmult a) k) (RtoC 0 :: j)) as [I J].
    - apply Forall_forall. intros c Hc. apply in_map_iff in Hc as (d & <- & Hd). apply gauss_mult; [exact Ha|]. rewrite Forall_forall in Hk. auto.
    - constructor; [apply (gauss_z 0)|exact Hj].
    - exists (plus_l (map (Cmult a) k) (RtoC 0 :: j)). split; [exact I|]. intros z. rewrite J.
      assert (M : ev (map (Cmult a) k) z = a * ev k z) by (clear; induction k as [|b k IH]; cbn [map ev]; [ring|rewrite IH; ring]).
      rewrite M. cbn [ev]. rewrite Ej. ring. }
  destruct X as (j & Hj & Ej). exists j. split; [exact Hj|]. intros z. now rewrite Ej, El, Ek.
Qed.
Lemma gpoly_pow f n : gpoly f -> gpoly (fun z => cpow (f z) n).
Proof. intros H. induction n; cbn [cpow]; [apply gpoly_one|now apply gpoly_mult]. Qed.

(** ** Derivatives along a line *)
Definition cder (f : R -> C) (s : R) (d : C) : Prop := is_derive (fun t => fst (f t)) s (fst d) /\ is_derive (fun t => snd (f t)) s (snd d).
Lemma cder_const c s : cder (fun _ => c) s 0.
Proof. split; apply (@is_derive_const R_AbsRing R_NormedModule). Qed.
Lemma cder_plus f g s d e : cder f s d -> cder g s e -> cder (fun t => f t + g t) s (d + e).
Proof. intros [A B] [A' B']. split; cbn [Cplus fst snd]; now apply (is_derive_plus (K := R_AbsRing) (V := R_NormedModule)). Qed.
Lemma real_mult (u v : R -> R) s d e : is_derive u s d -> is_derive v s e -> is_derive (fun t => u t * v t)%R s (d * v s + u s * e)%R.
Proof. intros A B. apply is_derive_Reals in A, B. apply is_derive_Reals. exact (derivable_pt_lim_mult u v s d e A B). Qed.
Lemma cder_mult f g s d e : cder f s d -> cder g s e -> cder (fun t => f t * g t) s (d * g s + f s * e).
Proof.
  intros [A B] [A' B']. assert (K := real_mult _ _ _ _ _ A A'). assert (L := real_mult _ _ _ _ _ B B').
  assert (M := real_mult _ _ _ _ _ A B'). assert (N := real_mult _ _ _ _ _ B A'). split; cbn [Cplus Cmult fst snd].
  - assert (X := is_derive_minus (K := R_AbsRing) (V := R_NormedModule) _ _ _ _ _ K L). cbv [minus plus opp] in X; cbn in X.
    match type of X with is_derive _ _ ?x => match goal with |- is_derive _ _ ?y => replace y with x by ring end end. exact X.
  - assert (X := is_derive_plus (K := R_AbsRing) (V := R_NormedModule) _ _ _ _ _ M N). cbv [plus] in X; cbn in X.
    match type of X with is_derive _ _ ?x => match goal with |- is_derive _ _ ?y => replace y with x by ring end end. exact X.
Qed.
Lemma cder_ext f g s d : (forall t, f t = g t) -> cder f s d -> cder g s d.
Proof. intros H [A B]. split; [apply (is_derive_ext (fun t => fst (f t)))|apply (is_derive_ext (fun t => snd (f t)))]; auto; intros; now rewrite H. Qed.
Lemma cder_unique f s d e : cder f s d -> cder f s e -> d = e.
Proof.
  intros [A B] [A' B']. rewrite (surjective_pairing d), (surjective_pairing e).
  f_equal; [rewrite <- (is_derive_unique _ _ _ A)|rewrite <- (is_derive_unique _ _ _ B)]; now apply is_derive_unique.
Qed.
Lemma cder_line a c s : cder (fun t => a + RtoC t * c) s c.
Proof.
  split; cbn [Cplus Cmult RtoC fst snd]; (auto_derive; [exact I|]); ring.
Qed.
Lemma cder_scale (c : C) f s d : cder f s d -> cder (fun t => c * f t) s (c * d).
Proof. intros H. assert (K := cder_mult (fun _ => c) f s 0 d (cder_const c s) H). cbv beta in K. replace (c * d) with (0 * f s + c * d) by ring. exact K. Qed.
Lemma ev_derive l a c s : cder (fun t => ev l (a + RtoC t * c)) s (c * ev (deriv l) (a + RtoC s * c)).
Proof.
  induction l as [|b l IH]; cbn [ev deriv].
  - replace (c * 0) with (RtoC 0) by ring. apply cder_const.
  - assert (K := cder_plus _ _ s _ _ (cder_const b s) (cder_mult _ _ s _ _ (cder_line a c s) IH)). cbv beta in K.
    rewrite ev_dl_S, ev_dl_0.
    match type of K with cder _ _ ?x => match goal with |- cder _ _ ?y => replace y with x by ring end end. exact K.
Qed.
Definition cexp (z : C) : C := ((exp (fst z) * cos (snd z))%R, (exp (fst z) * sin (snd z))%R).
Arguments cexp _%C.
Lemma cexp_plus x y : cexp (x + y) = cexp x * cexp y.
Proof. unfold cexp, Cplus, Cmult; cbn [fst snd]. rewrite exp_plus, cos_plus, sin_plus. f_equal; ring. Qed.
Lemma cexp_0 : cexp 0 = 1.
Proof. unfold cexp; cbn [RtoC fst snd]. rewrite exp_0, cos_0, sin_0. unfold RtoC. f_equal; ring. Qed.
Lemma cexp_mod z : Cmod (cexp z) = exp (fst z).
Proof.
  unfold Cmod, cexp; cbn [fst snd]. assert (P := exp_pos (fst z)). assert (T := sin2_cos2 (snd z)). unfold Rsqr in T.
  replace ((exp (fst z) * cos (snd z)) ^ 2 + (exp (fst z) * sin (snd z)) ^ 2)%R with (exp (fst z) * exp (fst z) * (sin (snd z) * sin (snd z) + cos (snd z) *
    cos (snd z)))%R by ring.
  rewrite T, Rmult_1_r. apply sqrt_square. lra.
Qed.
Lemma cexp_neq0 z : cexp z <> 0.
Proof. intros H. assert (P := exp_pos (fst z)). rewrite <- cexp_mod, H, Cmod_0 in P. lra. Qed.
Lemma cexp_derive c s : cder (fun t => cexp (RtoC t * c)) s (c * cexp (RtoC s * c)).
Proof.
  assert (E : forall t, RtoC t * c = ((t * fst c)%R, (t * snd c)%R)) by (intros t; unfold Cmult, RtoC; cbn [fst snd]; f_equal; ring).
  apply (cder_ext (fun t => ((exp (t * fst c) * cos (t * snd c))%R, (exp (t * fst c) * sin (t * snd c))%R))); [intros t; now rewrite E|].
  rewrite E. split; unfold cexp; cbn [Cmult fst snd]; (auto_derive; [exact I|]); ring.
Qed.

(** mean value theorem *)
Lemma mean_value f (d : R -> C) b : (forall s, cder f s (d s)) -> (forall s, (0 <= s <= 1)%R -> (Cmod (d s) <= b)%R) -> (Cmod (f 1%R - f 0%R)%C <= 2 * b)%R.
Proof.
  intros H B.
  assert (G : forall (u u' : R -> R), (forall s, is_derive u s (u' s)) -> (forall s, (0 <= s <= 1)%R -> (Rabs (u' s) <= b)%R) -> (Rabs (u 1 - u 0) <= b)%R).
  { intros u u' Hu Hb. destruct (MVT_gen u 0 1 u') as (c & Hc & E).
    - intros; apply Hu.
    - intros x _. apply derivable_continuous_pt. exists (u' x). apply is_derive_Reals, Hu.
    - rewrite Rmin_left, Rmax_right in Hc by lra. rewrite E. replace (u' c * (1 - 0))%R with (u' c) by ring. now apply Hb. }
  assert (X := G _ _ (fun s => proj1 (H s)) (fun s Hs => Rle_trans _ _ _ (Rle_trans _ _ _ (Rmax_l _ _) (Rmax_Cmod (d s))) (B s Hs))).
  assert (Y := G _ _ (fun s => proj2 (H s)) (fun s Hs => Rle_trans _ _ _ (Rle_trans _ _ _ (Rmax_r _ _) (Rmax_Cmod (d s))) (B s Hs))).
  cbv beta in X, Y. eapply Rle_trans; [apply Cmod_2Rmax|]. cbn [Cminus Cplus Copp fst snd]. fold (Rminus (fst (f 1%R)) (fst (f 0%R))).
  fold (Rminus (snd (f 1%R)) (snd (f 0%R))).
  assert (0 <= b)%R by (eapply Rle_trans; [apply Rabs_pos|exact X]).
  assert (sqrt 2 <= 2)%R by (rewrite <- (sqrt_square 2) at 2 by lra; apply sqrt_le_1; lra).
  assert (Rmax (Rabs (fst (f 1%R) - fst (f 0%R))) (Rabs (snd (f 1%R) - snd (f 0%R))) <= b)%R by now apply Rmax_lub.
  assert (0 <= sqrt 2)%R by apply sqrt_pos. assert (0 <= Rmax (Rabs (fst (f 1%R) - fst (f 0%R))) (Rabs (snd (f 1%R) - snd (f 0%R))))%R
    by (eapply Rle_trans; [apply Rabs_pos|apply Rmax_l]). apply Rmult_le_compat; lra.
Qed.
